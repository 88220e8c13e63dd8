namespace Orleans.Runtime;

/// <summary>What the silos of one cluster in this process share: the network between them, the membership table, the directory.</summary>
internal sealed class InProcessFabric
{
}
