namespace Orleans;

/// <summary>A grain with a 64-bit key.</summary>
public interface IGrainWithIntegerKey : IGrain;
