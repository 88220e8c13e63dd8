namespace Orleans.Runtime;

/// <summary>Something that can be referred to across silos.</summary>
public interface IAddressable;
