"""Write the DEMO revision of the working set: what a version 1.1 might change, made up.

    .venv/bin/python data/raw/demo/make_revision.py [--output FILE]

The text of vn-smart-city@1.0 is taken as it stands and changed in the places below. Run it
again whenever that file changes: a test compares the two.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

FRAMEWORKS = Path(__file__).parents[3] / "kpi_lib" / "framework" / "bundled"
SOURCE = FRAMEWORKS / "vn-smart-city@1.0.yaml"
OUTPUT = FRAMEWORKS / "vn-smart-city-revision-demo@1.1.yaml"

HEAD = """\
# DEMO, written by data/raw/demo/make_revision.py. Nobody has issued or proposed this revision.
id: vn-smart-city-revision-demo
version: "1.1"
status: working
title:
  vi: DEMO – Bản sửa đổi giả định của bộ chỉ số tạm thời về đô thị thông minh
  en: DEMO – An invented revision of the working set of smart city indicators
note:
  vi: >-
    DEMO: bản sửa đổi này do dự án tự đặt ra để minh họa cách so sánh hai phiên bản của một bộ chỉ
    số; không cơ quan nào ban hành hoặc đề xuất. Phần không sửa đổi được giữ nguyên từ bộ chỉ số tạm
    thời vn-smart-city@1.0, vốn không phải danh mục chỉ số do Bộ Thông tin và Truyền thông ban hành.
  en: >-
    DEMO: this revision was invented for the project, to show how two versions of a framework are
    compared; no body has issued or proposed it. What it does not revise is as in the working set
    vn-smart-city@1.0, which is not the list of indicators issued by the Ministry of Information and
    Communications.
normalise: {method: goalposts}
aggregate: arithmetic
missing: {policy: rescale, min_coverage: 0.5}

"""

ADDED = """\
          - code: SE.CYB.3
            title:
              vi: Tỷ lệ sự cố an toàn thông tin được xử lý trong 24 giờ (DEMO)
              en: Security incidents resolved within 24 hours (DEMO)
            definition:
              vi: >-
                Số sự cố an toàn thông tin của các cơ quan nhà nước thuộc đô thị được khắc phục
                trong 24 giờ kể từ khi phát hiện, so với tổng số sự cố trong năm.
              en: >-
                Security incidents at the city's public bodies resolved within 24 hours of their
                discovery, among all incidents of the year.
            unit: "%"
            direction: higher
            goalposts: [0, 100]
            formula:
              numerator:
                vi: Số sự cố được khắc phục trong 24 giờ
                en: Incidents resolved within 24 hours
              denominator: {vi: Tổng số sự cố, en: Incidents}
              multiplier: 100
            valid: [0, 100]
            agency:
              vi: Sở Thông tin và Truyền thông
              en: Department of Information and Communications
            frequency: annual
            provenance: adapted

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    output = parser.parse_args().output
    output.write_text(revised(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {output}.")


def revised(text: str) -> str:
    """Give the revision of a framework file."""
    text = HEAD + text[text.index("# Weights are left out") :]
    text = once(text, "# Weights are left out: every weight is 1", "# A weight left out is 1")

    # removed: devices say little about learning
    text = text.replace(block(text, "QL.EDU.2"), "")

    # moved to another field, and renamed with it; data under the old code are still read
    firms = block(text, "CO.ECO.4")
    text = text.replace(firms, "")
    moved = once(firms, "code: CO.ECO.4", "code: CO.INN.4\n            was: CO.ECO.4")
    moved = once(
        moved, "            agency:", "            aliases: [CO.ECO.4]\n            agency:"
    )
    officials = block(text, "CO.INN.3")
    text = text.replace(officials, officials + moved)

    # added, without data so far
    text = once(text, "  # the enabler of", ADDED + "  # the enabler of")

    # reweighted
    text = once(text, "  - code: PS\n", "  - code: PS\n    weight: 2\n")
    share = block(text, "PS.ONL.2")
    text = text.replace(share, once(share, "unit:", "weight: 2\n            unit:"))

    # redefined: half of those asked are satisfied in the worst case
    content = block(text, "PS.PAY.3")
    return text.replace(content, once(content, "goalposts: [0, 100]", "goalposts: [50, 100]"))


def block(text: str, code: str) -> str:
    """Give the lines of one indicator, up to the next group or indicator."""
    found = re.search(rf"^ *- code: {re.escape(code)}\n(?: *(?!- code:)\S.*\n|\n)*", text, re.M)
    assert found, code
    return found[0]


def once(text: str, old: str, new: str) -> str:
    """Replace a passage that is there exactly once."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


if __name__ == "__main__":
    main()
