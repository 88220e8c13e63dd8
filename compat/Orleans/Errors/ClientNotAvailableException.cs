namespace Orleans.Runtime;

/// <summary>The client that has an observer is gone.</summary>
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId client)
        : base($"No activation for client {client}")
    {
    }
}
