using System.Globalization;
using System.Security;
using System.Text;

namespace XLLM.Cli.Bench.Policies;

/// <summary>
/// Four panels over the rate as SVG, a line for each case: requests that met both objectives, those in time a second, and each
/// objective alone. Readable on light and dark pages.
/// </summary>
internal static class PolicyChart
{
    private const int Width = 980;
    private const int Height = 720;
    private const int PanelWidth = 380;
    private const int PanelHeight = 220;

    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } .head { font-weight: 600 }
        .dim { fill: #59636e } .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .s0 { color: #0a66c2 } .s1 { color: #c2560a }
        .s2 { color: #6e7781 } .s3 { color: #8250df } polyline { fill: none; stroke: currentColor; stroke-width: 2.5 } circle { fill: currentColor }
        @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #30363d }
        .s0 { color: #4a9eff } .s1 { color: #f0883e } .s2 { color: #8b949e } .s3 { color: #bc8cff } }
        """;

    public static string Of(IReadOnlyList<PolicyPoint> points, string title, string subtitle)
    {
        StringBuilder svg = new();
        svg.AppendLine($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img">""");
        svg.AppendLine($"<title>{SecurityElement.Escape(title)}</title><style>{Style}</style>");
        svg.AppendLine($"""<rect class="page" width="{Width}" height="{Height}"/>""");
        svg.AppendLine($"""<text class="title" x="20" y="28">{SecurityElement.Escape(title)}</text>""");
        svg.AppendLine($"""<text class="dim" x="20" y="48">{SecurityElement.Escape(subtitle)}</text>""");
        int series = 0;
        foreach (string name in points.Select(p => p.Case).Distinct())
        {
            int x = 60 + (160 * series);
            svg.AppendLine($"""<g class="s{series++ % 4}"><circle cx="{x}" cy="72" r="5"/><text x="{x + 12}" y="76">{SecurityElement.Escape(name)}</text></g>""");
        }

        double most = points.Count == 0 ? 1 : Math.Max(0.1, points.Max(p => p.Goodput) * 1.1);
        Panel(svg, points, 60, 120, "both objectives met", 1, "P0", p => p.Attainment);
        Panel(svg, points, 540, 120, "requests in time, a second", most, "0.#", p => p.Goodput);
        Panel(svg, points, 60, 430, "first token in time", 1, "P0", p => p.TtftAttainment);
        Panel(svg, points, 540, 430, "interval between tokens kept", 1, "P0", p => p.TpotAttainment);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Panel(
        StringBuilder svg, IReadOnlyList<PolicyPoint> points, int left, int top, string head, double most, string format,
        Func<PolicyPoint, double> value)
    {
        double rates = Math.Max(1e-9, points.Count == 0 ? 1 : points.Max(p => p.Rate));
        string X(double rate) => Text(left + (rate / rates * PanelWidth));
        string Y(double at) => Text(top + ((1 - (at / most)) * PanelHeight));
        svg.AppendLine($"""<text class="head" x="{left}" y="{top - 12}">{SecurityElement.Escape(head)}</text>""");
        foreach (double share in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            string y = Y(share * most);
            string label = (share * most).ToString(format, CultureInfo.InvariantCulture);
            svg.AppendLine($"""<line class="grid" x1="{left}" x2="{left + PanelWidth}" y1="{y}" y2="{y}"/><text class="dim" x="{left - 8}" y="{y}" dy="4" text-anchor="end">{label}</text>""");
        }

        foreach (double rate in points.Select(p => p.Rate).Distinct())
        {
            svg.AppendLine($"""<text class="dim" x="{X(rate)}" y="{top + PanelHeight + 18}" text-anchor="middle">{Text(rate)}</text>""");
        }

        svg.AppendLine($"""<text class="dim" x="{left + (PanelWidth / 2)}" y="{top + PanelHeight + 38}" text-anchor="middle">requests a second</text>""");
        int series = 0;
        foreach (IGrouping<string, PolicyPoint> one in points.GroupBy(p => p.Case))
        {
            PolicyPoint[] line = [.. one.OrderBy(p => p.Rate)];
            string path = string.Join(' ', line.Select(p => $"{X(p.Rate)},{Y(value(p))}"));
            svg.Append($"""<g class="s{series++ % 4}"><polyline points="{path}"/>""");
            svg.AppendJoin("", line.Select(p => $"""<circle cx="{X(p.Rate)}" cy="{Y(value(p))}" r="4"/>"""));
            svg.AppendLine("</g>");
        }
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
