using System.Diagnostics;
using System.Globalization;
using XLLM.Cli.Cluster.Processes;
using XLLM.Grains.Telemetry;

namespace XLLM.Cli.Hosting;

/// <summary>
/// For measuring failover: kills a process the moment a request reaches a step. Off unless the environment variable
/// <c>XLLM_FAULT_FILE</c> names a file; whoever writes "STEP N PID [NODE=PID ...]" into it arms it once: at the Nth start from then
/// on of a span of that name in this process, the node of the span's instance gets signal 9; PID, when the span has none.
/// </summary>
internal sealed class FaultPoint : IDisposable
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "XLLM_FAULT_FILE";

    private readonly ActivityListener _listener;
    private readonly Lock _gate = new();
    private readonly string _file;
    private int _seen;

    private FaultPoint(string file)
    {
        _file = file;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == XllmActivity.SourceName,
            // Recorded: a trace that is not goes no further than the gateway.
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = OnStarted,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Listens if the environment asks for it; null = it does not.</summary>
    public static FaultPoint? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? new FaultPoint(file) : null;

    public void Dispose() => _listener.Dispose();

    private void OnStarted(Activity activity)
    {
        lock (_gate)
        {
            if (!File.Exists(_file))
            {
                _seen = 0;
                return;
            }

            string[] parts = File.ReadAllText(_file).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts.Length < 3 || parts[0] != activity.OperationName
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
                || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                || ++_seen < wanted)
            {
                return;
            }

            _seen = 0;
            File.Delete(_file);
            if (ProcessTable.Find(NodeOf(activity, parts.AsSpan(3)) ?? process) is { } mark)
            {
                ProcessTable.Signal(mark, Signals.Kill);
            }
        }
    }

    private static int? NodeOf(Activity activity, ReadOnlySpan<string> nodes)
    {
        string? instance = activity.GetTagItem(XllmActivity.InstanceTag) as string;
        foreach (string node in nodes)
        {
            int equals = node.IndexOf('=', StringComparison.Ordinal);
            if (instance is not null && equals > 0 && instance.StartsWith(node[..equals] + "/", StringComparison.Ordinal))
            {
                return int.Parse(node.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
