"""One report in five formats: one page that needs nothing else, and text that other tools can read."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from kumite.eval.report import FORMATS, ReportError, charts, render, write
from kumite.eval.report.page import chart_program
from kumite.eval.report.parts import Chart, Column, Fact, Report, Section, Table

NAMES = ["main-1", "a|b & 50% </script><!-- <b>x</b>", "uniform"]
COLUMNS = (
    Column("name", "member"), Column("value", "Elo", ".0f"), Column("lower", "lower", ".0f"),
    Column("upper", "upper", ".0f"), Column("games", "games", ",d"), Column("sure", "sure"), Column("note", "note"),
)  # fmt: skip


@pytest.fixture
def ratings():
    rows = [
        {"name": NAMES[0], "value": 123.456, "lower": 100.0, "upper": 150.0, "games": 12345, "sure": True, "note": ""},
        {"name": NAMES[1], "value": -7.0, "lower": float("nan"), "upper": None, "games": 3, "sure": False, "note": ""},
        {"name": NAMES[2], "value": 0.0, "lower": None, "upper": None, "games": 1, "sure": True, "note": ""},
    ]
    return Table("ratings", "Ratings", COLUMNS, rows, "pair of games", "kumite tournament runs/x", "Frozen: uniform.")


@pytest.fixture
def report(ratings):
    drawn = [{**row, "kind": "trained", "lower": None} for row in ratings.rows]
    chart = Chart("ratings", "Ratings", charts.intervals(drawn, "Elo", 0.0), ratings, "with intervals")
    other = Table("empty", "Nothing", (Column("a", "A"),), [], "run", "kumite report runs/x")
    sections = [Section("one", "One & two", "A <sentence>.", [chart], [other], "Smoke figure: short.")]
    return Report("fight, <league>", "about it", "made today", [Fact("Games", "12", "pairs")], sections)


class Page(HTMLParser):
    """What a page has: elements by id, addresses it would load, scripts, tables with their words."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses, self.scripts, self.tags, self.words = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.addresses += [found[name] for name in ("src", "href", "action", "data", "poster") if found.get(name)]

    def handle_data(self, data):
        (self.scripts if self.tags and self.tags[-1] == "script" else self.words).append(data)


def test_the_page_is_one_file_that_loads_nothing(report, tmp_path):
    path = write(report, tmp_path / "deep" / "report.html")
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert [address for address in page.addresses if not address.startswith(("#", "data:,"))] == []
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert not re.search(r"url\(|@import", style)
    assert text.count(chart_program()[:2000]) == 1  # one copy of the program, whatever the number of pictures
    assert len(text) < 2_000_000
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]  # nothing left of writing it


def test_every_picture_has_its_place_and_its_table(report):
    page = Page(render(report, "html"))
    assert "chart-ratings" in page.ids
    assert "one" in page.ids
    assert page.tags.count("table") == 2
    assert page.tags.count("details") == 1


def test_what_a_name_contains_stays_text(report):
    text = render(report, "html")
    page = Page(text)
    assert "b" not in page.tags
    assert page.tags.count("script") == 2
    assert any("<b>x</b>" in words for words in page.words)
    assert "<!--" not in text[text.index("const specs") :]
    assert "fight, <league>" in page.words


def test_a_page_without_pictures_has_no_program(report):
    plain = Report(report.title, "", "", [], [Section("s", "S", "text")])
    assert "<script" not in render(plain, "html")


def test_unknown_is_a_dash_and_blank_columns_are_not_shown(ratings):
    texts = list(ratings.texts())
    assert texts[0] == ["main-1", "123", "100", "150", "12,345", "yes"]
    assert texts[1][1:] == ["-7", "–", "–", "3", "no"]
    assert ratings.numeric() == [False, True, True, True, True, False]


def test_markdown_has_every_table_with_unit_and_command(report):
    text = render(report, "md")
    assert text.startswith("# fight, <league>\n")
    assert "> Smoke figure: short." in text
    assert "| main-1 | 123 | 100 | 150 | 12,345 | yes |" in text
    assert "a\\|b" in text
    assert text.count("Made by `kumite ") == 2
    assert "Unit: pair of games." in text


def test_csv_is_unrounded_and_complete(report):
    (head, *rows) = list(csv.reader(io.StringIO(render(report, "csv", "ratings"))))
    assert head == [column.key for column in COLUMNS]
    assert rows[0][1] == "123.456"
    assert rows[1][0] == NAMES[1]
    assert rows[2][2] == ""
    whole = render(report, "csv")
    assert "# ratings (unit: pair of games; kumite tournament runs/x)" in whole
    assert "# empty" in whole


def test_json_is_strict_and_unrounded(report):
    values = json.loads(render(report, "json"), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    (section,) = values["sections"]
    table = section["tables"][0]
    assert table["rows"][0]["value"] == 123.456
    assert table["rows"][1]["lower"] is None
    assert (table["unit"], table["command"]) == ("pair of games", "kumite tournament runs/x")
    assert section["warning"] == "Smoke figure: short."
    assert json.loads(render(report, "json", "ratings"))["key"] == "ratings"


def test_latex_escapes_what_it_must(report):
    text = render(report, "latex", "ratings")
    assert r"a|b \& 50\% </script>" in text
    assert r"\begin{tabular}{lrrrrl}" in text
    assert r"main-1 & 123 & 100 & 150 & 12,345 & yes \\" in text
    assert text.splitlines()[0] == "% kumite tournament runs/x"
    assert text.count("\\begin{") == text.count("\\end{") == 2


def test_formats_and_single_tables_are_checked(report):
    assert set(FORMATS) == {"html", "md", "csv", "json", "latex"}
    with pytest.raises(ReportError, match="did you mean 'html'"):
        render(report, "htm")
    with pytest.raises(ReportError, match="one table is given as"):
        render(report, "html", "ratings")


def specifications():
    rows = [{"name": n, "value": i / 3, "lower": i / 4, "upper": i / 2, "kind": "trained"} for i, n in enumerate(NAMES)]
    cells = [{"row": a, "column": b, "rate": None if a == b else 0.4, "games": 8} for a in NAMES for b in NAMES]
    points = [{"series": s, "step": t, "value": t * 0.1, "lower": 0.0, "upper": 1.0} for s in "ab" for t in range(4)]
    weights = [{"iteration": i, "name": n, "weight": 1 / 3} for i in (1, 2) for n in NAMES]
    return {
        "intervals": charts.intervals(rows, "Elo", 0.0),
        "bars": charts.bars(rows, "weight", 1.0),
        "heat_map": charts.heat_map(cells, NAMES, "win rate"),
        "curves": charts.curves(points, "steps", "win rate", 0.5),
        "mixture_history": charts.mixture_history(weights, NAMES),
    }


@pytest.mark.parametrize("name", ["intervals", "bars", "heat_map", "curves", "mixture_history"])
def test_every_picture_can_be_drawn(name):
    """Vega-Lite accepts it, and draws what is in the rows: not only an empty frame."""
    import vl_convert

    spec = specifications()[name]
    assert spec["width"] == "container"
    drawn = vl_convert.vegalite_to_svg({**spec, "width": 400})
    assert drawn.startswith("<svg")
    assert drawn.count("<path") > 6
    if name != "curves":
        assert "main-1" in drawn
