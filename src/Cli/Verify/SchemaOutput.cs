using System.Text.Json;
using XLLM.Verification;

namespace XLLM.Cli.Verify;

/// <summary>Prints a run over schemas: progress, faults, refusals by cause, counts and times; optionally all of it as JSON.</summary>
internal static class SchemaOutput
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true };

    public static void Progress(int done, int all)
    {
        if (done % 50 == 0 || done == all)
        {
            Console.Error.WriteLine($"{done} of {all} schemas");
        }
    }

    /// <summary>The exit status: 0 when some schema passed and none went wrong.</summary>
    public static int Finish(SchemaReport report, string? jsonFile)
    {
        foreach (SchemaCase item in report.Cases.Where(c => c.Verdict is SchemaVerdict.RefusesValid or SchemaVerdict.TakesInvalid))
        {
            Console.Out.WriteLine($"FAIL {item.Name} {item.Verdict}: {item.Detail}");
        }

        var causes = report.Cases.Where(c => c.Verdict == SchemaVerdict.Refused).GroupBy(c => c.Cause)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (IGrouping<string, SchemaCase> cause in causes)
        {
            Console.Out.WriteLine($"refused {cause.Count()} {cause.Key}: {cause.First().Name} {cause.First().Detail}");
        }

        int passed = report.Count(SchemaVerdict.Passed);
        int refused = report.Count(SchemaVerdict.Refused);
        int refusesValid = report.Count(SchemaVerdict.RefusesValid);
        int takesInvalid = report.Count(SchemaVerdict.TakesInvalid);
        if (jsonFile is not null)
        {
            using FileStream file = File.Create(jsonFile);
            JsonSerializer.Serialize(
                file,
                new
                {
                    passed,
                    refused,
                    refuses_valid = refusesValid,
                    takes_invalid = takesInvalid,
                    masks = report.Masks,
                    mask_us = Spread(report.MaskTime),
                    compile_us = Spread(report.CompileTime),
                    refusals = causes.Select(c => new
                    {
                        cause = c.Key,
                        count = c.Count(),
                        cases = c.Select(i => new { name = i.Name, message = i.Detail }),
                    }),
                    faults = report.Cases.Where(c => c.Verdict is SchemaVerdict.RefusesValid or SchemaVerdict.TakesInvalid)
                        .Select(c => new { name = c.Name, verdict = c.Verdict.ToString(), detail = c.Detail }),
                },
                Written);
        }

        Console.Out.WriteLine($"masks   {report.MaskTime} ({report.Masks} masks)");
        Console.Out.WriteLine($"compile {report.CompileTime}");
        Console.Out.WriteLine(
            $"{passed} passed, {refused} refused, {refusesValid} refuses_valid, {takesInvalid} takes_invalid");
        return passed > 0 && refusesValid + takesInvalid == 0 ? 0 : 1;
    }

    private static object Spread(TimeSpread t) => new { mean = t.Mean, p50 = t.P50, p90 = t.P90, p99 = t.P99, p999 = t.P999, max = t.Max };
}
