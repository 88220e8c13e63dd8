namespace XLLM.Compat.Tests.Sockets;

public interface IRovingGrain : IGrainWithStringKey
{
    /// <summary>The activation and its silo.</summary>
    Task<string> WhereAsync();
}
