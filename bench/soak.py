"""What script/soak makes of its samples.

    soak.py chart TITLE <SAMPLES >FILE.svg
    soak.py classes BEFORE AFTER [BEFORE AFTER]...

chart: resident memory over time, a line for each process, from lines of
seconds, process and kB. classes: a table in Markdown of objects and bytes by
class in heap snapshots, summed over the processes, before and after.
"""
import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 880, 380
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 58, 50
COLOURS = [("#0b62c4", "#6cb0ff"), ("#b4540a", "#ffa657"),
           ("#1a7f37", "#56d364"), ("#8250df", "#d2a8ff")]
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #59636e }
.title { font-size: 15px; font-weight: 600; fill: #1f2328 }
.paper { fill: #fff }
.grid { stroke: #d8dee4 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
%s@media (prefers-color-scheme: dark) {
text { fill: #9198a1 }
.title { fill: #f0f6fc }
.paper { fill: #0d1117 }
.grid { stroke: #2f353d }
%s}
"""


def step_for(span, n_max):
    """The least of 1, 2 or 5 times a power of ten that divides span into at
    most n_max parts."""
    power = 10.0 ** math.floor(math.log10(span / n_max))
    return next(m * power for m in (1, 2, 5, 10)
                if span <= m * power * n_max)


def ticks(span, n_max):
    step = step_for(span, n_max)
    return [i * step for i in range(int(span / step + 1e-9) + 1)]


def read_samples(lines):
    """{process: [(minutes, MiB)]}"""
    processes = {}
    for line in lines:
        seconds, pid, kb = line.split()
        processes.setdefault(pid, []).append(
            (float(seconds) / 60, int(kb) / 1024))
    return processes


def spread(heights, least):
    """Heights of labels, from the top, moved apart until none covers
    another."""
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + least)
    return heights


def style():
    light = dark = ""
    for i, (on_white, on_black) in enumerate(COLOURS):
        rule = ".p%d { stroke: %s } text.p%d { stroke: none; fill: %s }\n"
        light += rule % (i, on_white, i, on_white)
        dark += rule % (i, on_black, i, on_black)
    return STYLE % (light, dark)


def chart(title, processes):
    minutes = max(t for points in processes.values() for t, _ in points)
    most = max(mib for points in processes.values() for _, mib in points)
    mib_ticks = ticks(most * 1.25, 8)
    top = mib_ticks[-1] + (mib_ticks[1] if mib_ticks[-1] < most else 0)

    def x(t):
        return LEFT + (WIDTH - LEFT - RIGHT) * t / minutes

    def y(mib):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * mib / top

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
           'role="img" aria-label="%s">'
           % (WIDTH, HEIGHT, escape(title, {'"': "&quot;"})),
           "<style>%s</style>" % style(),
           '<rect class="paper" width="%d" height="%d"/>' % (WIDTH, HEIGHT),
           '<text class="title" x="%d" y="24">%s</text>'
           % (LEFT, escape(title)),
           '<text x="%d" y="%d">resident, MiB</text>' % (LEFT, TOP - 12)]
    for mib in mib_ticks:
        out.append('<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" '
                   'text-anchor="end">%g</text>'
                   % (LEFT, y(mib), WIDTH - RIGHT, LEFT - 8, y(mib) + 4.5,
                      mib))
    for t in ticks(minutes * 1.01, 10):  # the last sample is before the end
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%g</text>'
                   % (x(t), HEIGHT - BOTTOM + 20, t))
    out.append('<text x="%.1f" y="%d" text-anchor="middle">minutes</text>'
               % (x(minutes / 2), HEIGHT - 10))
    lines = sorted(processes.values(), key=lambda points: -points[-1][1])
    heights = spread([y(points[-1][1]) + 4.5 for points in lines], 17)
    for i, (points, height) in enumerate(zip(lines, heights)):
        way = " ".join("%.1f,%.1f" % (x(t), y(mib)) for t, mib in points)
        out.append('<polyline class="line p%d" points="%s"/>'
                   % (i % len(COLOURS), way))
        out.append('<text class="p%d" x="%d" y="%.1f">%.1f, then %.1f</text>'
                   % (i % len(COLOURS), WIDTH - RIGHT + 10, height,
                      points[0][1], points[-1][1]))
    return "\n".join(out) + "\n</svg>\n"


def classes_of(path):
    """{class: (objects, bytes)}. Nodes that stand for a whole class have no
    size of their own."""
    with open(path, encoding="utf-8") as f:
        heap = json.load(f)
    fields = heap["snapshot"]["meta"]["node_fields"]
    name, size = fields.index("name"), fields.index("self_size")
    nodes, found = heap["nodes"], {}
    for i in range(0, len(nodes), len(fields)):
        if nodes[i + size]:
            n, n_bytes = found.get(nodes[i + name], (0, 0))
            found[nodes[i + name]] = (n + 1, n_bytes + nodes[i + size])
    return {heap["strings"][i]: use for i, use in found.items()}


def sum_of(paths):
    total = {}
    for path in paths:
        for name, (n, n_bytes) in classes_of(path).items():
            had = total.get(name, (0, 0))
            total[name] = (had[0] + n, had[1] + n_bytes)
    return total


def print_classes(before, after):
    print("| class | objects | then | bytes | then |\n"
          "| --- | --- | --- | --- | --- |")
    for name in sorted(set(before) | set(after),
                       key=lambda name: -after.get(name, (0, 0))[1]):
        n, n_bytes = before.get(name, (0, 0))
        n_then, bytes_then = after.get(name, (0, 0))
        print("| %s | %d | %d | %d | %d |"
              % (name, n, n_then, n_bytes, bytes_then))


def main(argv):
    if argv[1:2] == ["chart"] and len(argv) == 3:
        sys.stdout.write(chart(argv[2], read_samples(sys.stdin)))
    elif argv[1:2] == ["classes"] and len(argv) >= 4 and len(argv) % 2 == 0:
        print_classes(sum_of(argv[2::2]), sum_of(argv[3::2]))
    else:
        sys.stderr.write(__doc__)
        return 64
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
