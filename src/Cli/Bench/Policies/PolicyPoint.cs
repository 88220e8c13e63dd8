using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Policies;

/// <summary>One case under one load, over all rounds.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="Rate">Requests a second that were sent, on average.</param>
/// <param name="Report">How the requests went.</param>
/// <param name="Router">What the router did meanwhile.</param>
internal sealed record PolicyPoint(string Case, double Rate, ServeReport Report, RouterFacts Router)
{
    /// <summary>Attainment of each round; one when there was one.</summary>
    public IReadOnlyList<double> Rounds { get; private init; } = [Share(Report, Report.Levels)];

    /// <summary>Share of the requests, [0, 1], whose first token came in time.</summary>
    public double TtftAttainment => Share(Report, Report.Levels with { Tpot = null, Total = null });

    /// <summary>Share whose tokens came fast enough after it.</summary>
    public double TpotAttainment => Share(Report, Report.Levels with { Ttft = null, Total = null });

    /// <summary>Share that met all objectives.</summary>
    public double Attainment => Share(Report, Report.Levels);

    /// <summary>Requests a second that met all objectives.</summary>
    public double Goodput => Report.Goodput ?? 0;

    /// <summary>This and a further round of the same.</summary>
    public PolicyPoint And(PolicyPoint next) => new(
        Case,
        Rate,
        new ServeReport([.. Report.Requests, .. next.Report.Requests], Report.Duration + next.Report.Duration, Report.Levels),
        Router.And(next.Router))
    {
        Rounds = [.. Rounds, .. next.Rounds],
    };

    public JsonObject ToJson()
    {
        JsonObject json = Report.ToJson();
        json["case"] = Case;
        json["rate"] = Rate;
        json["ttft_attainment"] = TtftAttainment;
        json["tpot_attainment"] = TpotAttainment;
        json["attainment"] = Attainment;
        json["attainment_rounds"] = new JsonArray([.. Rounds.Select(r => (JsonNode)r)]);
        json["router"] = Router.ToJson();
        return json;
    }

    private static double Share(ServeReport report, ServiceLevels levels) =>
        (double)report.Requests.Count(levels.Meets) / Math.Max(1, report.Requests.Count);
}
