namespace Orleans.Providers;

/// <summary>Names of default providers.</summary>
public static class ProviderConstants
{
#pragma warning disable CA1707 // Orleans' own name.
    public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
#pragma warning restore CA1707
}
