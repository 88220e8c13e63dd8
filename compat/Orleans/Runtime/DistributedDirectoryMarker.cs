namespace Orleans.Runtime;

/// <summary>Its presence among the services says that the directory's entries survive silos.</summary>
internal sealed class DistributedDirectoryMarker;
