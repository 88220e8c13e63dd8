namespace Orleans;

/// <summary>A grain with a string key.</summary>
public interface IGrainWithStringKey : IGrain;
