namespace Orleans.Concurrency;

/// <summary>A method <c>bool Name(IInvokable)</c> of the grain class decides whether a request may overlap others.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
{
    internal string CallbackMethodName { get; } = callbackMethodName;
}
