namespace XLLM.Silo.Lifecycle;

/// <summary>Progress told on the caller's thread; <see cref="Progress{T}"/> would post it and may reorder it.</summary>
internal sealed class LoadProgressSink(Action<double> report) : IProgress<double>
{
    public void Report(double value) => report(value);
}
