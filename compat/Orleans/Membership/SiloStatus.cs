namespace Orleans.Runtime;

/// <summary>Life of a silo; <see cref="Dead"/> is final.</summary>
[GenerateSerializer]
public enum SiloStatus
{
    None = 0,
    Created = 1,
    Joining = 2,
    Active = 3,
    ShuttingDown = 4,
    Stopping = 5,
    Dead = 6,
}
