using System.Globalization;
using System.Security;
using System.Text;

namespace XLLM.Simulator.Results;

/// <summary>A comparison as SVG: for each fleet a bar for each policy, its length the rate per instance. For light and dark pages.</summary>
public static class ComparisonChart
{
    private const int Width = 860;
    private const int Left = 210;
    private const int Right = 150;
    private const int Bar = 16;
    private const int Gap = 22;
    private const int Top = 70;

    private const string Style = "text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } "
        + ".dim { fill: #59636e } .page { fill: #ffffff } .s0 { fill: #0a66c2 } .s1 { fill: #8c959f } "
        + "@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #9198a1 } .page { fill: #0d1117 } "
        + ".s0 { fill: #4a9eff } .s1 { fill: #6e7681 } }";

    public static string Of(Comparison comparison)
    {
        int[] sizes = [.. comparison.Rows.Select(r => r.Instances).Distinct()];
        int height = Top + (comparison.Rows.Length * Bar) + (sizes.Length * Gap) + 20;
        double most = Math.Max(1e-9, comparison.Rows.Max(r => r.Rate / r.Instances));
        StringBuilder svg = new();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img">""");
        Line(svg, $"<title>{Escaped(comparison.Load)}: requests a second per instance</title><style>{Style}</style>");
        Line(svg, $"""<rect class="page" width="{Width}" height="{height}"/>""");
        string wanted = comparison.Attainment is { } share ? string.Create(CultureInfo.InvariantCulture, $" with {share:0 %} in time") : "";
        Text(svg, 20, 28, "title", $"{comparison.Load}: requests/s per instance{wanted}");
        Text(svg, 20, 48, "dim", string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Device.Name}, first token {comparison.TtftSeconds:0.###} s, between tokens {comparison.TpotSeconds:0.###} s; simulated"));
        double y = Top;
        foreach (int size in sizes)
        {
            foreach (ComparisonRow row in comparison.Rows.Where(r => r.Instances == size))
            {
                double length = row.Rate / row.Instances / most * (Width - Left - Right);
                string kind = row.Policy == "slo-aware" ? "s0" : "s1";
                Text(svg, 20, y + 12, "dim", row == comparison.Rows.First(r => r.Instances == size) ? $"{size} instances" : "");
                Line(svg, $"""<text x="{Left - 8}" y="{y + 12:0.#}" text-anchor="end">{Escaped(row.Policy)}</text>""");
                Line(svg, $"""<rect class="{kind}" x="{Left}" y="{y + 1:0.#}" width="{Math.Max(1, length):0.#}" height="{Bar - 3}" rx="2"/>""");
                Text(svg, Left + length + 6, y + 12, "", string.Create(
                    CultureInfo.InvariantCulture, $"{row.Rate / row.Instances:0.00} ({comparison.Ratio(row):0.00}x)"));
                y += Bar;
            }

            y += Gap;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Escaped(string text) => SecurityElement.Escape(text);

    private static void Text(StringBuilder svg, double x, double y, string kind, string text)
    {
        if (text.Length > 0)
        {
            Line(svg, $"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}">{Escaped(text)}</text>""");
        }
    }

    private static void Line(StringBuilder svg, FormattableString line) =>
        svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
