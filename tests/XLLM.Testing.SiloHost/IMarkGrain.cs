namespace XLLM.Testing.SiloHost;

/// <summary>A grain that tells where it is.</summary>
[Alias("XLLM.Testing.IMarkGrain")]
public interface IMarkGrain : IGrainWithStringKey
{
    /// <summary>The silo, as <c>ip:port@generation</c>.</summary>
    [Alias("Where")]
    Task<string> WhereAsync();

    [Alias("ProcessId")]
    Task<int> ProcessIdAsync();

    /// <summary>Identity of this activation.</summary>
    [Alias("Activation")]
    Task<string> ActivationAsync();

    /// <summary>Counts in the activation's memory.</summary>
    [Alias("Count")]
    Task<int> CountAsync();

    /// <summary>Counts in grain storage.</summary>
    [Alias("CountStored")]
    Task<int> CountStoredAsync();

    /// <summary>Gives an array back.</summary>
    [Alias("Echo")]
    Task<byte[]> EchoAsync(byte[] bytes);

    /// <summary>Ends when it is cancelled, or with the timeout.</summary>
    [Alias("Wait")]
    Task WaitAsync(CancellationToken token);

    /// <summary>True when a <see cref="WaitAsync"/> has been cancelled here.</summary>
    [Alias("WasCancelled")]
    [Orleans.Concurrency.AlwaysInterleave]
    Task<bool> WasCancelledAsync();

    [Alias("Numbers")]
    IAsyncEnumerable<int> NumbersAsync(int count);

    /// <summary>Calls an observer so many times, with 0, 1, 2 ...</summary>
    [Alias("Notify")]
    Task NotifyAsync(IMarkListener listener, int count);

    /// <summary>Asks another grain where it is: a call from silo to silo.</summary>
    [Alias("WhereIs")]
    Task<string> WhereIsAsync(string key);

    /// <summary>Value of the silo's metadata of this name, as this silo knows it for another one.</summary>
    [Alias("MetadataOf")]
    Task<string?> MetadataOfAsync(string silo, string name);

    /// <summary>Leaves for another silo that placement picks.</summary>
    [Alias("Move")]
    Task MoveAsync();
}
