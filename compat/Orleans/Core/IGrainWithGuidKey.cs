namespace Orleans;

/// <summary>A grain with a GUID key.</summary>
public interface IGrainWithGuidKey : IGrain;
