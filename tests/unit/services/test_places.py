from services.places import coordinates, is_invented, is_outcode


def test_a_real_outcode_lies_where_it_lies() -> None:
    latitude, longitude = coordinates()["TS1"]

    assert (round(latitude), round(longitude)) == (55, -1)
    assert is_outcode("TS1")
    assert not is_invented("TS1")


def test_the_storys_outcodes_are_told_to_be_invented() -> None:
    assert is_outcode("ZZ1")
    assert is_invented("ZZ1")


def test_what_is_no_outcode_has_no_place() -> None:
    assert not is_outcode("QQ1")
    assert not is_invented("QQ1")
    assert "QQ1" not in coordinates()
