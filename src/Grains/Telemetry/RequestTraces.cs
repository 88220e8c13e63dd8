using System.Collections.Concurrent;
using System.Diagnostics;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Telemetry;

/// <summary>
/// Spans of what an engine does with requests that are traced: <c>queue</c>, <c>prefill</c> and <c>decode</c>. They are made when
/// a request ends, from the times the engine measured anyway, so that tracing costs the engine nothing. Any thread.
/// </summary>
internal sealed class RequestTraces(InstanceId instance)
{
    private readonly ConcurrentDictionary<RequestId, Traced> _traced = new();

    /// <summary>Remembers a request whose caller is traced, when somebody listens.</summary>
    public void Begin(InferenceRequest request)
    {
        if (request.TraceParent.Length > 0 && XllmActivity.Source.HasListeners()
            && ActivityContext.TryParse(request.TraceParent, null, isRemote: true, out ActivityContext parent))
        {
            _traced[request.Id] = new Traced(parent, request.Arrival, request.Run);
        }
    }

    /// <summary>Forgets a request that did not start here.</summary>
    public void Forget(RequestId request) => _traced.TryRemove(request, out _);

    /// <summary>Makes the spans of a request that has ended; nothing for one that is not traced.</summary>
    public void End(TokenChunk last)
    {
        if (!_traced.TryRemove(last.Request, out Traced? traced) || last.Usage is not { } usage)
        {
            return;
        }

        Span("queue", traced, last.Request, 0, usage.QueueSeconds, ("xllm.preemptions", usage.Preemptions));
        Span("prefill", traced, last.Request, usage.QueueSeconds, usage.FirstTokenSeconds,
            ("xllm.prompt_tokens", usage.PromptTokens), ("xllm.cached_tokens", usage.CachedTokens));
        Span("decode", traced, last.Request, usage.FirstTokenSeconds, usage.LastTokenSeconds,
            ("xllm.generated_tokens", usage.GeneratedTokens), ("xllm.outcome", last.Outcome.ToString()));
    }

    private void Span(
        string step, Traced traced, RequestId request, double from, double to, params ReadOnlySpan<(string Key, object Value)> tags)
    {
        // A stage that never came has no times.
        if (!double.IsFinite(from) || !double.IsFinite(to))
        {
            return;
        }

        using Activity? span = XllmActivity.Source.StartActivity(
            step, ActivityKind.Internal, traced.Parent, startTime: traced.Arrival.AddSeconds(from));
        span?.SetTag("xllm.request", request.Value).SetTag(XllmActivity.InstanceTag, instance.Value).SetTag("xllm.run", traced.Run);
        foreach ((string key, object value) in tags)
        {
            span?.SetTag(key, value);
        }

        span?.SetEndTime(traced.Arrival.AddSeconds(Math.Max(from, to)).UtcDateTime);
    }

    private sealed record Traced(ActivityContext Parent, DateTimeOffset Arrival, int Run);
}
