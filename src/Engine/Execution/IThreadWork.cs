namespace XLLM.Engine.Execution;

/// <summary>Work that several threads share; they take its items from one counter.</summary>
public interface IThreadWork
{
    /// <summary>One thread's share. Called at the same time with every <paramref name="thread"/> of [0, threads).</summary>
    void Run(int thread);
}
