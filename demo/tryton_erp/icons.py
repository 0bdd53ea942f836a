# SPDX-License-Identifier: GPL-3.0-or-later
"""The icons: what each kind of thing looks like, on a board of 100 by 100."""

from collections.abc import Callable

from demo.tryton_erp.board import DARK, PAPER, STEEL, WOOD, Board


def screw(b: Board) -> None:
    b.shape([(28, 14), (72, 14), (58, 30), (58, 70), (50, 90), (42, 70), (42, 30)])
    for y in range(36, 74, 8):
        b.stroke([(39, y + 4), (61, y)], 2.5)
    b.stroke([(42, 18), (58, 18)], 2)


def bolt(b: Board) -> None:
    b.box(26, 12, 48, 20)
    b.stroke([(42, 14), (42, 30)], 1.2)
    b.stroke([(58, 14), (58, 30)], 1.2)
    b.box(39, 32, 22, 56)
    for y in range(50, 86, 6):
        b.stroke([(39, y + 2), (61, y)], 1.6)


def plug(b: Board) -> None:
    b.shape([(38, 14), (62, 14), (60, 84), (50, 92), (40, 84)])
    b.box(32, 10, 36, 9)
    for y in range(34, 80, 12):
        b.shape([(39, y), (32, y + 8), (40, y + 8)])
        b.shape([(61, y), (68, y + 8), (60, y + 8)])


def washer(b: Board) -> None:
    b.disc(50, 50, 36)
    b.hole(50, 50, 16)


def nut(b: Board) -> None:
    b.shape([(50, 12), (83, 31), (83, 69), (50, 88), (17, 69), (17, 31)])
    b.disc(50, 50, 22, STEEL)
    b.hole(50, 50, 16)


def hammer(b: Board) -> None:
    b.box(44, 30, 12, 62, radius=4)
    b.shape([(20, 14), (64, 14), (82, 22), (86, 34), (66, 30), (20, 34)], STEEL)
    b.box(14, 12, 10, 24, DARK)


def spanner(b: Board) -> None:
    b.shape([(30, 78), (64, 30), (72, 36), (38, 84)], STEEL)
    b.disc(30, 82, 12, STEEL)
    b.hole(30, 82, 6)
    b.disc(70, 26, 15, STEEL)
    b.shape([(66, 24), (78, 8), (90, 18), (76, 30)], b.paper)
    b.stroke([(43, 71), (62, 44)], 2, b.main)


def screwdriver(b: Board) -> None:
    b.box(38, 10, 24, 42, radius=8)
    b.stroke([(45, 18), (45, 44)], 1.5)
    b.stroke([(55, 18), (55, 44)], 1.5)
    b.box(46, 52, 8, 30, STEEL, radius=1)
    b.shape([(46, 82), (54, 82), (51, 92), (49, 92)], STEEL)


def pliers(b: Board) -> None:
    b.stroke([(46, 46), (30, 90)], 9)
    b.stroke([(54, 46), (70, 90)], 9)
    b.stroke([(46, 50), (30, 90)], 6.5, b.main)
    b.stroke([(54, 50), (70, 90)], 6.5, b.main)
    b.shape([(40, 44), (42, 18), (49, 10), (49, 44)], STEEL)
    b.shape([(60, 44), (58, 18), (51, 10), (51, 44)], STEEL)
    b.disc(50, 44, 9, STEEL)


def tape_measure(b: Board) -> None:
    b.box(16, 24, 56, 52, radius=12)
    b.disc(44, 50, 16, "#f2c230")
    b.box(60, 66, 34, 9, "#f2c230", radius=1)
    for x in range(66, 94, 6):
        b.stroke([(x, 67), (x, 71)], 1)


def drill(b: Board) -> None:
    b.box(30, 24, 46, 24, radius=6)
    b.shape([(54, 46), (74, 46), (80, 84), (58, 84)])
    b.box(16, 28, 14, 16, DARK)
    b.box(4, 34, 12, 4, STEEL, radius=1)
    b.box(50, 50, 8, 8, DARK)
    b.box(54, 82, 30, 10, DARK)


def grinder(b: Board) -> None:
    b.box(34, 34, 58, 20, radius=8)
    b.box(22, 30, 18, 26, DARK, radius=4)
    b.disc(28, 66, 22, STEEL)
    b.disc(28, 66, 6, DARK)
    b.stroke([(38, 30), (44, 12)], 6, DARK)


def jigsaw(b: Board) -> None:
    b.shape([(18, 40), (30, 20), (76, 20), (88, 34), (88, 66), (70, 66), (64, 46), (40, 46), (36, 66), (18, 66)])
    b.box(10, 66, 82, 6, STEEL, radius=1)
    b.shape([(24, 72), (32, 72), (30, 94), (26, 94)], STEEL)


def battery(b: Board) -> None:
    b.box(24, 34, 52, 50, radius=5)
    b.box(34, 20, 32, 16, DARK)
    b.shape([(54, 42), (40, 62), (49, 62), (45, 78), (61, 56), (51, 56)], "#f2c230")


def bit(b: Board) -> None:
    b.box(44, 8, 12, 26, STEEL, radius=1)
    b.shape([(45, 34), (55, 34), (55, 82), (50, 92), (45, 82)], STEEL)
    for y in range(38, 80, 9):
        b.stroke([(45, y + 6), (55, y)], 2.5, b.main)


def cutting_disc(b: Board) -> None:
    b.disc(50, 50, 38)
    b.disc(50, 50, 16, PAPER)
    b.disc(50, 50, 6, STEEL)
    b.arc(50, 50, 28, 200, 300, 2)


def coil(b: Board) -> None:
    b.disc(50, 50, 38)
    for radius in (32, 26, 20):
        b.arc(50, 50, radius, 0, 360, 1.2)
    b.hole(50, 50, 15)
    b.stroke([(84, 62), (94, 84)], 5, b.main)


def breaker(b: Board) -> None:
    b.box(28, 10, 44, 80, "#eceff3", radius=4)
    b.box(28, 34, 44, 30, "#dfe5ea", radius=1)
    b.box(42, 38, 16, 22)
    b.disc(50, 20, 4, STEEL)
    b.disc(50, 80, 4, STEEL)


def bulb(b: Board) -> None:
    b.disc(50, 40, 28)
    b.shape([(36, 62), (64, 62), (61, 74), (39, 74)], "#eceff3")
    for y in (74, 80, 86):
        b.box(41, y, 18, 6, STEEL, radius=2)
    b.arc(50, 40, 18, 190, 260, 2.5, "#ffffff")


def box(b: Board) -> None:
    b.box(16, 22, 68, 58, "#d5dbe1", radius=4)
    b.box(24, 30, 52, 42, "#e6eaee", radius=2)
    for x, y in ((20, 26), (80, 26), (20, 76), (80, 76)):
        b.disc(x, y, 2.4, DARK)
    b.disc(50, 80, 6, DARK)


def socket(b: Board) -> None:
    b.box(14, 14, 72, 72, radius=8)
    b.disc(50, 50, 27, "#f7f8fa")
    b.disc(40, 50, 4, DARK)
    b.disc(60, 50, 4, DARK)


def valve(b: Board) -> None:
    b.box(10, 46, 80, 24, "#d9b44a", radius=3)
    b.box(32, 40, 36, 36, "#d9b44a", radius=4)
    b.box(46, 26, 8, 16, STEEL)
    b.box(44, 16, 46, 10, "#c0392b", radius=4)


def elbow(b: Board) -> None:
    b.shape([(18, 30), (18, 58), (46, 58), (46, 88), (74, 88), (74, 48), (62, 34), (50, 30)])
    b.box(12, 26, 10, 36)
    b.box(42, 84, 36, 8)


def tee(b: Board) -> None:
    b.box(14, 30, 72, 26)
    b.box(38, 54, 24, 34)
    b.box(10, 26, 9, 34)
    b.box(81, 26, 9, 34)
    b.box(34, 84, 32, 8)


def hose(b: Board) -> None:
    b.arc(50, 46, 30, 160, 20, 9)
    b.arc(50, 46, 29, 160, 20, 6.5, STEEL)
    b.box(14, 54, 16, 26, "#d9b44a")
    b.box(70, 54, 16, 26, "#d9b44a")


def tape(b: Board) -> None:
    b.disc(46, 52, 34, "#efe3c2")
    b.disc(46, 52, 22, "#d9c48f")
    b.hole(46, 52, 16)
    b.shape([(46, 18), (92, 18), (92, 28), (60, 28)], "#efe3c2")


def tap(b: Board) -> None:
    b.box(40, 40, 20, 46, radius=3)
    b.shape([(56, 46), (84, 46), (84, 62), (76, 62), (76, 54), (56, 54)])
    b.box(34, 84, 32, 7)
    b.shape([(44, 40), (56, 40), (74, 20), (66, 16)])


def glove(b: Board) -> None:
    b.shape(
        [
            (30, 86),
            (30, 50),
            (22, 38),
            (28, 34),
            (36, 44),
            (36, 18),
            (42, 14),
            (46, 18),
            (47, 38),
            (49, 12),
            (55, 10),
            (59, 14),
            (58, 38),
            (62, 18),
            (67, 17),
            (70, 22),
            (67, 44),
            (72, 32),
            (78, 34),
            (74, 58),
            (68, 86),
        ]
    )
    b.box(28, 78, 42, 12, DARK)


def helmet(b: Board) -> None:
    b.shape([(16, 62), (18, 44), (30, 28), (50, 22), (70, 28), (82, 44), (84, 62)])
    b.box(10, 60, 80, 10, radius=5)
    b.stroke([(50, 24), (50, 58)], 5)
    b.stroke([(50, 26), (50, 58)], 2.5, b.main)


def boot(b: Board) -> None:
    b.shape([(30, 12), (60, 12), (60, 50), (84, 60), (90, 72), (90, 80), (26, 80)], "#5a3d2b")
    b.box(24, 78, 68, 10, DARK)
    b.shape([(70, 56), (84, 60), (90, 72), (90, 78), (70, 78)], "#3f2b1f")
    for y in (24, 34, 44):
        b.stroke([(46, y), (60, y)], 2.4, b.main)


def mask(b: Board) -> None:
    b.arc(50, 44, 40, 150, 30, 2)
    b.shape([(22, 38), (50, 28), (78, 38), (74, 66), (50, 80), (26, 66)])
    b.stroke([(50, 29), (50, 79)], 1.4)
    b.disc(64, 54, 7, DARK)


def glasses(b: Board) -> None:
    b.box(10, 38, 36, 28, radius=12)
    b.box(54, 38, 36, 28, radius=12)
    b.stroke([(45, 46), (55, 46)], 4)
    b.stroke([(10, 42), (4, 34)], 4)
    b.stroke([(90, 42), (96, 34)], 4)


def vest(b: Board) -> None:
    b.shape([(28, 12), (40, 12), (50, 34), (60, 12), (72, 12), (82, 40), (78, 88), (22, 88), (18, 40)])
    b.box(21, 54, 58, 8, STEEL, radius=0)
    b.box(22, 70, 56, 8, STEEL, radius=0)
    b.stroke([(50, 34), (50, 88)], 1.4)


def bucket(b: Board) -> None:
    b.arc(50, 34, 30, 180, 0, 2.4)
    b.shape([(18, 34), (82, 34), (75, 90), (25, 90)], PAPER)
    b.box(15, 29, 70, 9)
    b.box(26, 50, 48, 26)


def can(b: Board) -> None:
    b.box(24, 24, 52, 64, STEEL, radius=3)
    b.box(24, 38, 52, 36, radius=0)
    b.box(20, 18, 60, 9, STEEL)
    b.disc(50, 56, 11, PAPER)


def roller(b: Board) -> None:
    b.box(16, 16, 60, 24, radius=8)
    b.stroke([(76, 28), (86, 28), (86, 50), (52, 50), (52, 62)], 3)
    b.box(46, 60, 12, 32, DARK, radius=5)


def brush(b: Board) -> None:
    b.shape([(44, 8), (56, 8), (60, 40), (40, 40)], WOOD)
    b.box(32, 40, 36, 14, STEEL)
    b.shape([(32, 54), (68, 54), (64, 90), (50, 94), (36, 90)], "#6b4b34")
    b.stroke([(36, 88), (50, 92), (64, 88)], 4, b.main)


def bottle(b: Board) -> None:
    b.shape([(30, 34), (42, 26), (42, 16), (60, 16), (60, 26), (72, 38), (72, 90), (30, 90)])
    b.box(39, 8, 24, 10, DARK)
    b.box(36, 52, 30, 26, PAPER)


def paper(b: Board) -> None:
    b.box(22, 26, 46, 62, "#f7f8fa", radius=4)
    b.disc(45, 26, 23, "#eceff3")
    b.disc(45, 26, 8, WOOD)
    b.shape([(68, 34), (86, 34), (86, 84), (68, 84)], "#ffffff")


def bag(b: Board) -> None:
    b.shape([(42, 24), (58, 24), (76, 48), (82, 80), (70, 90), (30, 90), (18, 80), (24, 48)])
    b.shape([(36, 10), (64, 10), (58, 24), (42, 24)])
    b.stroke([(40, 25), (60, 25)], 3, "#c0392b")


def broom(b: Board) -> None:
    b.box(47, 6, 6, 50, WOOD)
    b.box(20, 54, 60, 12, radius=3)
    b.shape([(20, 66), (80, 66), (86, 90), (14, 90)], DARK)
    for x in range(24, 84, 9):
        b.stroke([(x, 68), (x, 88)], 1)


def cloth(b: Board) -> None:
    b.shape([(18, 24), (76, 18), (84, 74), (24, 82)])
    b.shape([(60, 78), (84, 74), (80, 50)], PAPER)
    b.stroke([(24, 30), (72, 25)], 1.4)
    b.stroke([(28, 76), (58, 72)], 1.4)


ICONS: dict[str, Callable[[Board], None]] = {
    "screw": screw,
    "bolt": bolt,
    "plug": plug,
    "washer": washer,
    "nut": nut,
    "hammer": hammer,
    "spanner": spanner,
    "screwdriver": screwdriver,
    "pliers": pliers,
    "tape_measure": tape_measure,
    "drill": drill,
    "grinder": grinder,
    "jigsaw": jigsaw,
    "battery": battery,
    "bit": bit,
    "disc": cutting_disc,
    "coil": coil,
    "breaker": breaker,
    "bulb": bulb,
    "box": box,
    "socket": socket,
    "valve": valve,
    "elbow": elbow,
    "tee": tee,
    "hose": hose,
    "tape": tape,
    "tap": tap,
    "glove": glove,
    "helmet": helmet,
    "boot": boot,
    "mask": mask,
    "glasses": glasses,
    "vest": vest,
    "bucket": bucket,
    "can": can,
    "roller": roller,
    "brush": brush,
    "bottle": bottle,
    "paper": paper,
    "bag": bag,
    "broom": broom,
    "cloth": cloth,
}
