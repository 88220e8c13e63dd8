using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;

namespace XLLM.Grains.Requests;

/// <summary>When a request's runs were brought onto which instances. On its grain's turns.</summary>
internal sealed class StartLog(TimeProvider time)
{
    // A request that waits for an instance tries often: of so many tries the last are worth telling.
    private const int MaxKept = 32;

    private readonly List<RunStart> _starts = [];
    private DateTimeOffset _arrival;
    private int _run;
    private string _cause = "";
    private bool _open;

    public ImmutableArray<RunStart> All => [.. _starts];

    /// <summary>The tries that follow are for this run, which there is because of <paramref name="cause"/>.</summary>
    public void Next(InferenceRequest request, string cause = "") =>
        (_arrival, _run, _cause, _open) = (request.Arrival, request.Run, cause, false);

    public void Began()
    {
        if (_starts.Count == MaxKept)
        {
            _starts.RemoveAt(MaxKept - 2);
        }

        _starts.Add(new RunStart { Run = _run, Cause = _cause, BeganSeconds = Now() });
        _open = true;
    }

    public void Routed(RoutePlan? plan) => Change(s => s with { Plan = plan, RoutedSeconds = Now() });

    public void Reserved(RoutePlan plan) => Change(s => s with { Plan = plan, ReservedSeconds = Now() });

    public void Started() => Change(s => s with { StartedSeconds = Now() });

    public void Refused(SubmitResult refusal) => Change(s => s with { Refusal = refusal.Rejection, Message = refusal.Message });

    private void Change(Func<RunStart, RunStart> change)
    {
        if (_open)
        {
            _starts[^1] = change(_starts[^1]);
        }
    }

    private double Now() => Math.Max(0, (time.GetUtcNow() - _arrival).TotalSeconds);
}
