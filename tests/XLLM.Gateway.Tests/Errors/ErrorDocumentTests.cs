using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Errors;

/// <summary>docs/errors.md says what the code does.</summary>
public sealed class ErrorDocumentTests
{
    [Fact]
    public void Every_outcome_and_every_refusal_has_its_row_and_no_row_is_left_over()
    {
        string[] lines = File.ReadAllLines(Path.Combine(SharedData.Repository, "docs", "errors.md"));
        string[] documented = [.. lines
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => string.Join('|', l.Split('|', StringSplitOptions.TrimEntries)[1..6]))];
        string[] expected = [.. Outcomes().Concat(DoorErrors.Rows.Select(Show))];
        Assert.Equal(expected, documented);
    }

    [Fact]
    public void Every_outcome_but_None_is_a_success_or_has_a_row()
    {
        foreach (RequestOutcome outcome in Enum.GetValues<RequestOutcome>().Where(o => o != RequestOutcome.None))
        {
            bool row = OutcomeErrors.Rows.Any(r => r.Name == outcome.ToString());
            Assert.True(row != OutcomeErrors.IsSuccess(outcome), outcome.ToString());
        }
    }

    private static IEnumerable<string> Outcomes() =>
    [
        "`CompletedStop`|200|-|-|-",
        "`CompletedLength`|200|-|-|-",
        .. OutcomeErrors.Rows.Select(Show),
    ];

    private static string Show(ErrorRow row) => $"`{row.Name}`|{row.Status}|{row.Type}|{row.Code}|{(row.Retry ? "yes" : "no")}";
}
