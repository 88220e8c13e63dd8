namespace Orleans.Concurrency;

/// <summary>The caller does not wait for completion; errors are only logged at the callee.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
