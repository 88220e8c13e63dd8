using XLLM.Gateway.Storage;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.Batches;

/// <summary>
/// Numbers of files and batches on /metrics: <c>xllm:batches</c> by state, <c>xllm:batch_lines_total</c> by outcome,
/// <c>xllm:batch_line_retries_total</c>, <c>xllm:batch_lines_running</c>, <c>xllm:batch_concurrency_limit</c>, <c>xllm:files</c>
/// and <c>xllm:files_bytes</c>. States and files are those of the data folder, the rest is this gateway's. Any thread.
/// </summary>
internal sealed class BatchMetrics(GatewayStorage storage, OfflineGate gate)
{
    private readonly Counter _completed = new();
    private readonly Counter _failed = new();
    private readonly Counter _retries = new();

    public void OnLine(bool succeeded) => (succeeded ? _completed : _failed).Add(1);

    public void OnRetry() => _retries.Add(1);

    /// <summary>Writes them onto a page; nothing when there is no data folder.</summary>
    public void Write(PrometheusText page)
    {
        if (!storage.IsOn)
        {
            return;
        }

        IReadOnlyDictionary<string, long> states = storage.Batches.CountByStatus();
        page.Family("xllm:batches", "gauge", "Batches by state.");
        foreach (string state in BatchStatus.All)
        {
            page.Sample("xllm:batches", states.GetValueOrDefault(state), "state", state);
        }

        page.Family("xllm:batch_lines_total", "counter", "Requests of batches answered by this gateway.");
        page.Sample("xllm:batch_lines_total", _completed.Value, "outcome", "completed");
        page.Sample("xllm:batch_lines_total", _failed.Value, "outcome", "failed");
        page.Family("xllm:batch_line_retries_total", "counter", "Requests of batches tried again because there was no room.");
        page.Sample("xllm:batch_line_retries_total", _retries.Value);
        page.Family("xllm:batch_lines_running", "gauge", "Requests of batches in flight.");
        page.Sample("xllm:batch_lines_running", gate.Running);
        page.Family("xllm:batch_concurrency_limit", "gauge", "Requests of batches that may be in flight now.");
        page.Sample("xllm:batch_concurrency_limit", gate.Limit);
        (long files, long bytes) = storage.Files.Totals();
        page.Family("xllm:files", "gauge", "Stored files.");
        page.Sample("xllm:files", files);
        page.Family("xllm:files_bytes", "gauge", "Bytes of stored files.");
        page.Sample("xllm:files_bytes", bytes);
    }
}
