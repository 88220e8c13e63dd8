namespace Orleans.Runtime;

/// <summary>The other silo does not want this connection.</summary>
internal sealed class ConnectionRefusedException(GreetingAnswer answer, string message) : IOException(message)
{
    public GreetingAnswer Answer => answer;
}
