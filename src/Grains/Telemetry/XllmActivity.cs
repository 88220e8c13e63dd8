using System.Diagnostics;
using XLLM.Contracts.Ids;

namespace XLLM.Grains.Telemetry;

/// <summary>Trace spans of a request; their names are the steps of docs/request-lifecycle.md.</summary>
public static class XllmActivity
{
    /// <summary>Name of the source, for whoever listens.</summary>
    public const string SourceName = "XLLM";

    /// <summary>Tag of a span: the instance it has to do with.</summary>
    public const string InstanceTag = "xllm.instance";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>A span below the caller's, who is in another process or on another turn; null when that one is not traced.</summary>
    internal static Activity? Begin(string step, string traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext parent)
            ? Source.StartActivity(step, ActivityKind.Internal, parent)
            : null;

    /// <summary>A span below the turn's; null when there is none, so that nothing begins a trace of its own.</summary>
    internal static Activity? Step(string step) => Activity.Current is null ? null : Source.StartActivity(step);

    /// <summary>The same for a step at an instance, which listeners see from the span's start on.</summary>
    internal static Activity? Step(string step, InstanceId instance) => Activity.Current is null
        ? null
        : Source.StartActivity(ActivityKind.Internal, tags: [new(InstanceTag, instance.Value)], name: step);
}
