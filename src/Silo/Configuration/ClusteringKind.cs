namespace XLLM.Silo.Configuration;

/// <summary>Where the silos of a cluster find each other.</summary>
public enum ClusteringKind
{
    /// <summary>Nowhere: one process is the whole cluster.</summary>
    None = 0,

    /// <summary>In the memory of one silo, the primary. For development: the cluster ends with it.</summary>
    Localhost = 1,

    /// <summary>In a PostgreSQL database with the tables of deploy/postgres.</summary>
    Postgres = 2,

    /// <summary>In a file on this machine. For development and tests.</summary>
    File = 3,
}
