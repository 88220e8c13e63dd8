namespace Orleans.Concurrency;

/// <summary>May run beside any other request of its activation.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
