using System.Globalization;
using System.Security;
using System.Text;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>
/// A run as SVG: a group of bars for every point, a bar for every side, their length the share of the machine's measured limit.
/// Readable on light and dark pages.
/// </summary>
internal static class ReportChart
{
    private const int Width = 860;
    private const int Left = 150;
    private const int Right = 150;
    private const int Bar = 15;
    private const int Gap = 16;
    private const int Top = 86;

    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } .dim { fill: #59636e } .value { font-size: 12px }
        .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .s0 { fill: #0a66c2 } .s1 { fill: #c2560a } .s2 { fill: #6e7781 } .s3 { fill: #8250df }
        @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #30363d }
        .s0 { fill: #4a9eff } .s1 { fill: #f0883e } .s2 { fill: #8b949e } .s3 { fill: #bc8cff } }
        """;

    public static string Of(BenchReport report)
    {
        string[] sides = [.. report.Sides.Keys];
        int group = (sides.Length * Bar) + Gap;
        int height = Top + (report.Results.Count * group) + 34;
        StringBuilder svg = new();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img">""");
        Line(svg, $"<title>{Escaped(report.Model)}: share of the machine's limit</title><style>{Style}</style>");
        Line(svg, $"""<rect class="page" width="{Width}" height="{height}"/>""");
        Text(svg, 20, 28, "title", $"{report.Model}: share of the machine's measured limit");
        Text(svg, 20, 48, "dim", $"{report.Machine.Cpu}, {report.Machine.Cores} cores; {report.FileName}; tokens/s beside the bars");
        Legend(svg, sides);
        Grid(svg, height - 34);
        for (int r = 0; r < report.Results.Count; r++)
        {
            Group(svg, report.Results[r], sides, Top + (r * group) + (Gap / 2));
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void Legend(StringBuilder svg, string[] sides)
    {
        int x = 20;
        for (int s = 0; s < sides.Length; s++)
        {
            Line(svg, $"""<rect class="{Colour(s)}" x="{x}" y="58" width="12" height="12" rx="2"/>""");
            Text(svg, x + 18, 69, "", sides[s]);
            x += 40 + (sides[s].Length * 8);
        }
    }

    private static void Grid(StringBuilder svg, int bottom)
    {
        for (int percent = 0; percent <= 100; percent += 20)
        {
            double x = X(percent / 100.0);
            Line(svg, $"""<line class="grid" x1="{x:0.#}" y1="{Top - 6}" x2="{x:0.#}" y2="{bottom}"/>""");
            Line(svg, $"""<text class="dim value" x="{x:0.#}" y="{bottom + 18}" text-anchor="middle">{percent} %</text>""");
        }
    }

    private static void Group(StringBuilder svg, PointResult result, string[] sides, int y)
    {
        string label = result.Point.Kind == PointKind.Prefill
            ? $"prefill {result.Point.Context}"
            : $"{result.Point.Name} {result.Point.Streams} x {result.Point.Context}";
        Line(svg, $"""<text x="{Left - 10}" y="{y + (sides.Length * Bar / 2) + 4}" text-anchor="end">{label}</text>""");
        for (int s = 0; s < sides.Length; s++)
        {
            int top = y + (s * Bar);
            if ((s == 0 ? result.Ours : result.Peers.GetValueOrDefault(sides[s])) is not { Count: > 0 } samples)
            {
                Text(svg, Left + 6, top + 12, "dim value", "not measured");
                continue;
            }

            double end = X(Math.Min(samples.Median / result.Limit, 1.05));
            Line(svg, $"""<rect class="{Colour(s)}" x="{Left}" y="{top + 1}" width="{Math.Max(1, end - Left):0.#}" height="{Bar - 3}" rx="2"/>""");
            string ratio = s == 0 && result.Ratio is { } times ? string.Create(CultureInfo.InvariantCulture, $"  ({times:0.00}x)") : "";
            Text(svg, end + 6, top + 12, "value", samples.Median.ToString(samples.Median < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) + ratio);
        }
    }

    private static double X(double share) => Left + (share * (Width - Left - Right));

    private static string Colour(int side) => "s" + (side % 4);

    private static void Text(StringBuilder svg, double x, double y, string kind, string text) =>
        Line(svg, $"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}">{Escaped(text)}</text>""");

    private static string Escaped(string text) => SecurityElement.Escape(text);

    private static void Line(StringBuilder svg, FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
