using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Engine.Loop;

namespace XLLM.Engine.Structures;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c> on structured output, each tagged <c>instance</c>: counters
/// <c>xllm.engine.grammar_masks</c> (tagged <c>from</c>: known, worked), <c>xllm.engine.grammar_late</c> (draws put off because
/// a mask was not ready), <c>xllm.engine.grammar_forced_tokens</c> (written so that a text ends within its limit),
/// <c>xllm.engine.grammar_failures</c>; histogram <c>xllm.engine.grammar_mask_duration</c> (from the token to the mask of the
/// next, where that was not known; seconds).
/// </summary>
internal sealed partial class GuideMetrics(InstanceId instance, ILogger logger)
{
    private static readonly Meter Meter = new(EngineMetrics.MeterName);
    private static readonly Counter<long> Masks = Meter.CreateCounter<long>("xllm.engine.grammar_masks");
    private static readonly Counter<long> Lates = Meter.CreateCounter<long>("xllm.engine.grammar_late");
    private static readonly Counter<long> ForcedTokens = Meter.CreateCounter<long>("xllm.engine.grammar_forced_tokens");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("xllm.engine.grammar_failures");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("xllm.engine.grammar_mask_duration", "s");

    private readonly KeyValuePair<string, object?> _tag = new("instance", instance.Value);

    public void Known() => Masks.Add(1, _tag, new KeyValuePair<string, object?>("from", "known"));

    public void Worked(double seconds)
    {
        Masks.Add(1, _tag, new KeyValuePair<string, object?>("from", "worked"));
        Duration.Record(seconds, _tag);
    }

    public void Late() => Lates.Add(1, _tag);

    public void Forced() => ForcedTokens.Add(1, _tag);

    public void Failed(Exception error)
    {
        Failures.Add(1, _tag);
        LogFailed(logger, error.Message, instance.Value);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A structure could not be kept at {Instance}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason, string instance);
}
