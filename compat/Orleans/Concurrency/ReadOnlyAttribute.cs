namespace Orleans.Concurrency;

/// <summary>May run beside other read-only requests of its activation.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
