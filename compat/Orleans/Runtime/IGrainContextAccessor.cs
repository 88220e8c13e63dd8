namespace Orleans.Runtime;

/// <summary>The running activation's context.</summary>
public interface IGrainContextAccessor
{
    IGrainContext GrainContext { get; }
}
