namespace XLLM.Compat.Tests.Sockets;

public interface IHeavyGrain : IGrainWithStringKey
{
    /// <summary>How many bytes it got.</summary>
    Task<int> TakeAsync(byte[] bytes);
}
