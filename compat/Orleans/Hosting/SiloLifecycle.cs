using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal sealed class SiloLifecycle(ILogger<SiloLifecycle> logger) : LifecycleSubject(logger), ISiloLifecycle
{
    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    protected override void OnStartStageCompleted(int stage) => HighestCompletedStage = stage;

    protected override void OnStopStageCompleted(int stage) => LowestStoppedStage = stage;
}
