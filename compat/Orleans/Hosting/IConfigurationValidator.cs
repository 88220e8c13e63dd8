namespace Orleans;

/// <summary>Checks a configuration when a silo starts; throws when it is wrong.</summary>
public interface IConfigurationValidator
{
    void ValidateConfiguration();
}
