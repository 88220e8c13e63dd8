using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Policies;

/// <summary>One case under one load.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="Rate">Requests a second that were sent, on average.</param>
/// <param name="Report">How the requests went.</param>
internal sealed record PolicyPoint(string Case, double Rate, ServeReport Report)
{
    /// <summary>Share of the requests, [0, 1], whose first token came in time.</summary>
    public double TtftAttainment => Share(Report.Levels with { Tpot = null, Total = null });

    /// <summary>Share whose tokens came fast enough after it.</summary>
    public double TpotAttainment => Share(Report.Levels with { Ttft = null, Total = null });

    /// <summary>Share that met all objectives.</summary>
    public double Attainment => Share(Report.Levels);

    public JsonObject ToJson()
    {
        JsonObject json = Report.ToJson();
        json["case"] = Case;
        json["rate"] = Rate;
        json["ttft_attainment"] = TtftAttainment;
        json["tpot_attainment"] = TpotAttainment;
        json["attainment"] = Attainment;
        return json;
    }

    private double Share(ServiceLevels levels) => (double)Report.Requests.Count(levels.Meets) / Math.Max(1, Report.Requests.Count);
}
