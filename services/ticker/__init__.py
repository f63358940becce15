"""
The ticker: time, as events.

Reads the register for the markets that are open. Publishes a `Tick` to the inbox of every
market with a real clock, at whole multiples of its minutes, so that two tickers say the
same. Never ticks a simulated market, and says nothing while a party's submission has been
waiting for intake, so that an answer given in time is never too late.
"""
