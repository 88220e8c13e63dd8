using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Bench.Policies;

/// <summary>What a cluster's router says of itself. Counts are since its start.</summary>
/// <param name="Plans">Plans by kind: mixed, split, refused.</param>
/// <param name="Reasons">Plans by the rules that made them.</param>
/// <param name="Moves">Moves between pools by rule.</param>
/// <param name="TtftError">Mean relative error of the first tokens that plans expected; NaN = none was expected.</param>
/// <param name="StepError">The same of predicted steps, the mean over instances, prompts and decodes.</param>
internal sealed record RouterFacts(
    IReadOnlyDictionary<string, double> Plans, IReadOnlyDictionary<string, double> Reasons, IReadOnlyDictionary<string, double> Moves,
    double TtftError, double StepError)
{
    private const string Prefix = "xllm:router_";

    public static async Task<RouterFacts> ReadAsync(HttpClient http, CancellationToken cancellationToken) =>
        Parse(await http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken));

    /// <summary>Reads a page of metrics; what it lacks is empty or NaN.</summary>
    public static RouterFacts Parse(string page)
    {
        Dictionary<string, double> plans = [];
        Dictionary<string, double> reasons = [];
        Dictionary<string, double> moves = [];
        List<double> errors = [];
        double ttft = double.NaN;
        foreach (string line in page.Split('\n').Where(l => l.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            int end = line.LastIndexOf(' ');
            if (end < 0 || !double.TryParse(line.AsSpan(end + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                continue;
            }

            string name = line[Prefix.Length..line.IndexOfAny(['{', ' '])];
            switch (name)
            {
                case "plans_total":
                    Add(plans, Label(line, "kind"), value);
                    break;
                case "reasons_total":
                    Add(reasons, Label(line, "reason"), value);
                    break;
                case "pool_moves_total":
                    Add(moves, Label(line, "rule"), value);
                    break;
                case "ttft_error":
                    ttft = value;
                    break;
                case "predictor_error":
                    errors.Add(value);
                    break;
            }
        }

        return new RouterFacts(plans, reasons, moves, ttft, errors.Count > 0 ? errors.Average() : double.NaN);
    }

    /// <summary>What came after <paramref name="before"/>; errors are of now.</summary>
    public RouterFacts Since(RouterFacts before) => this with
    {
        Plans = Less(Plans, before.Plans), Reasons = Less(Reasons, before.Reasons), Moves = Less(Moves, before.Moves),
    };

    /// <summary>Of two stretches together; the errors are the later one's.</summary>
    public RouterFacts And(RouterFacts later) => later with
    {
        Plans = Sum(Plans, later.Plans), Reasons = Sum(Reasons, later.Reasons), Moves = Sum(Moves, later.Moves),
    };

    /// <summary>Share of split plans among those that were made; 0 without any.</summary>
    public double SplitShare => Plans.GetValueOrDefault("split")
        / Math.Max(1, Plans.GetValueOrDefault("split") + Plans.GetValueOrDefault("mixed"));

    public JsonObject ToJson() => new()
    {
        ["plans"] = Object(Plans),
        ["reasons"] = Object(Reasons),
        ["pool_moves"] = Object(Moves),
        ["ttft_error"] = double.IsNaN(TtftError) ? null : TtftError,
        ["step_error"] = double.IsNaN(StepError) ? null : StepError,
    };

    private static JsonNode? Object(IReadOnlyDictionary<string, double> counts) => JsonSerializer.SerializeToNode(counts);

    private static void Add(Dictionary<string, double> counts, string key, double value) =>
        counts[key] = counts.GetValueOrDefault(key) + value;

    private static Dictionary<string, double> Less(IReadOnlyDictionary<string, double> now, IReadOnlyDictionary<string, double> before) =>
        now.Select(x => (x.Key, Value: x.Value - before.GetValueOrDefault(x.Key))).Where(x => x.Value > 0).ToDictionary(x => x.Key, x => x.Value);

    private static Dictionary<string, double> Sum(IReadOnlyDictionary<string, double> one, IReadOnlyDictionary<string, double> two) =>
        one.Concat(two).GroupBy(x => x.Key).ToDictionary(g => g.Key, g => g.Sum(x => x.Value));

    private static string Label(string line, string name)
    {
        string mark = name + "=\"";
        int at = line.IndexOf(mark, StringComparison.Ordinal);
        int end = at < 0 ? -1 : line.IndexOf('"', at + mark.Length);
        return end < 0 ? "" : line[(at + mark.Length)..end];
    }
}
