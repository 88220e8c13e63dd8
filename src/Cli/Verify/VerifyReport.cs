using System.Globalization;
using System.Text.Json;
using XLLM.Verification;

namespace XLLM.Cli.Verify;

/// <summary>Prints cases as they come and the count last; optionally all of it as JSON.</summary>
internal sealed class VerifyReport(TextWriter output)
{
    private const int MaxFailureLines = 200;

    private readonly List<(string Subject, VerifyCase Case)> _cases = [];

    public int Passed => _cases.Count(c => c.Case.Passed);

    public int Failed => _cases.Count - Passed;

    /// <summary>Adds the cases of one subject (a folder, a file, a path of instructions).</summary>
    public void Add(string subject, IEnumerable<VerifyCase> cases)
    {
        foreach (VerifyCase item in cases)
        {
            _cases.Add((subject, item));
            if (item.Passed || Failed <= MaxFailureLines)
            {
                string error = item.Error.ToString("0.###e+0", CultureInfo.InvariantCulture);
                output.WriteLine($"{(item.Passed ? "ok  " : "FAIL")} {subject} {item.Name}  error {error}  {item.Detail}".TrimEnd());
            }
        }
    }

    /// <summary>Writes the last line and the JSON file, and gives the exit status.</summary>
    public int Finish(string? jsonFile)
    {
        if (jsonFile is not null)
        {
            using FileStream file = File.Create(jsonFile);
            JsonSerializer.Serialize(
                file,
                new
                {
                    passed = Passed,
                    failed = Failed,
                    cases = _cases.Select(c => new
                    {
                        subject = c.Subject,
                        name = c.Case.Name,
                        passed = c.Case.Passed,
                        error = double.IsFinite(c.Case.Error) ? c.Case.Error : (double?)null,
                        detail = c.Case.Detail,
                    }),
                },
                new JsonSerializerOptions { WriteIndented = true });
        }

        output.WriteLine($"{Passed} passed, {Failed} failed");
        return Failed == 0 && Passed > 0 ? 0 : 1;
    }
}
