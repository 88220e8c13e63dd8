namespace Orleans.Concurrency;

/// <summary>Requests of an activation may overlap at awaits.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
