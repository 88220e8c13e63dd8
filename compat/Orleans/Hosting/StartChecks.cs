using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Checks all serialisable types of the application when a silo starts; all faults at once.</summary>
internal static class StartChecks
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Type> Checked = [];

    public static void Run()
    {
        lock (Gate)
        {
            var faults = new List<string>();
            foreach (var type in ApplicationParts.Types.Where(IsToCheck))
            {
                try
                {
                    CodecTable.Get(type);
                    Checked.Add(type);
                }
                catch (Exception e) when (e is OrleansConfigurationException or CodecNotFoundException)
                {
                    faults.Add(e.Message);
                }
            }

            if (faults.Count > 0)
            {
                throw new OrleansConfigurationException(string.Join(Environment.NewLine, faults));
            }
        }
    }

    private static bool IsToCheck(Type type) =>
        !Checked.Contains(type)
        && type.IsDefined(typeof(GenerateSerializerAttribute), false)
        && !type.ContainsGenericParameters;
}
