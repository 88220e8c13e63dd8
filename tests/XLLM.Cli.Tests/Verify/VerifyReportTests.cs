using System.Text.Json;
using XLLM.Cli.Verify;
using XLLM.Verification;

namespace XLLM.Cli.Tests.Verify;

public sealed class VerifyReportTests
{
    [Fact]
    public void The_last_line_counts_and_the_status_follows()
    {
        StringWriter output = new();
        VerifyReport report = new(output);
        report.Add("folder", [new VerifyCase("a", true, 1e-5), new VerifyCase("b", false, 2.5, "too much")]);

        int status = report.Finish(null);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1, status);
        Assert.Equal("1 passed, 1 failed", lines[^1].Trim());
        Assert.StartsWith("FAIL folder b", lines[1]);
        Assert.Contains("too much", lines[1]);
    }

    [Fact]
    public void Nothing_compared_is_not_a_success() => Assert.Equal(1, new VerifyReport(TextWriter.Null).Finish(null));

    [Fact]
    public void Programs_get_the_cases_as_json()
    {
        string path = Path.GetTempFileName();
        try
        {
            VerifyReport report = new(TextWriter.Null);
            report.Add("folder", [new VerifyCase("a", true, double.NaN)]);

            Assert.Equal(0, report.Finish(path));

            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            Assert.Equal(1, json.RootElement.GetProperty("passed").GetInt32());
            Assert.Equal("a", json.RootElement.GetProperty("cases")[0].GetProperty("name").GetString());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
