using System.Globalization;
using System.Security;
using System.Text;
using XLLM.Cli.Bench.Reports;

namespace XLLM.Cli.Bench.Policies;

/// <summary>Attainment over rate as SVG, a line for each case. Readable on light and dark pages.</summary>
internal static class PolicyChart
{
    private const int Width = 860;
    private const int Height = 420;
    private const int Left = 70;
    private const int Right = 200;
    private const int Top = 76;
    private const int Bottom = 54;

    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } .dim { fill: #59636e }
        .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .s0 { color: #0a66c2 } .s1 { color: #c2560a } .s2 { color: #6e7781 } .s3 { color: #8250df }
        polyline { fill: none; stroke: currentColor; stroke-width: 2.5 } circle { fill: currentColor }
        @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #30363d }
        .s0 { color: #4a9eff } .s1 { color: #f0883e } .s2 { color: #8b949e } .s3 { color: #bc8cff } }
        """;

    public static string Of(IReadOnlyList<PolicyPoint> points, string title, string subtitle)
    {
        double most = Math.Max(1e-9, points.Max(p => p.Rate));
        StringBuilder svg = new();
        void Line(string text) => svg.AppendLine(text);
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img">""");
        Line($"<title>{SecurityElement.Escape(title)}</title><style>{Style}</style>");
        Line($"""<rect class="page" width="{Width}" height="{Height}"/>""");
        Line($"""<text class="title" x="20" y="28">{SecurityElement.Escape(title)}</text><text class="dim" x="20" y="48">{SecurityElement.Escape(subtitle)}</text>""");
        foreach (double share in (double[])[0, 0.25, 0.5, 0.75, 0.9, 1])
        {
            string y = Text(Y(share));
            Line($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y}" y2="{y}"/><text class="dim" x="{Left - 10}" y="{Text(Y(share) + 4)}" text-anchor="end">{share.ToString("P0", CultureInfo.InvariantCulture)}</text>""");
        }

        foreach (double rate in points.Select(p => p.Rate).Distinct())
        {
            Line($"""<text class="dim" x="{Text(X(rate, most))}" y="{Height - Bottom + 20}" text-anchor="middle">{Text(rate)}</text>""");
        }

        Line($"""<text class="dim" x="{(Left + Width - Right) / 2}" y="{Height - 12}" text-anchor="middle">requests a second</text>""");
        int series = 0;
        foreach (IGrouping<string, PolicyPoint> one in points.GroupBy(p => p.Case))
        {
            PolicyPoint[] line = [.. one.OrderBy(p => p.Rate)];
            string path = string.Join(' ', line.Select(p => $"{Text(X(p.Rate, most))},{Text(Y(p.Attainment))}"));
            Line($"""<g class="s{series % 4}"><polyline points="{path}"/>""");
            foreach (PolicyPoint point in line)
            {
                Line($"""<circle cx="{Text(X(point.Rate, most))}" cy="{Text(Y(point.Attainment))}" r="4"/>""");
            }

            int at = Top + (series * 24);
            Line($"""<circle cx="{Width - Right + 24}" cy="{at}" r="5"/><text x="{Width - Right + 36}" y="{at + 4}">{SecurityElement.Escape(one.Key)}</text></g>""");
            series++;
        }

        Line("</svg>");
        return svg.ToString();
    }

    private static double X(double rate, double most) => Left + (rate / most * (Width - Left - Right));

    private static double Y(double share) => Top + ((1 - share) * (Height - Top - Bottom));

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
