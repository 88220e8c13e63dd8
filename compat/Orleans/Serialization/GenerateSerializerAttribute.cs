namespace Orleans;

/// <summary>Marks a type whose <see cref="IdAttribute"/> members travel between silos.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class GenerateSerializerAttribute : Attribute
{
    /// <summary>Gives record primary constructor parameters ids by position.</summary>
    public bool IncludePrimaryConstructorParameters { get; init; } = true;
}
