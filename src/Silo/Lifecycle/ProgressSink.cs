namespace XLLM.Silo.Lifecycle;

/// <summary>Progress told on the caller's thread; <see cref="Progress{T}"/> would post it and may reorder it.</summary>
internal sealed class ProgressSink<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
