namespace Orleans.Runtime;

/// <summary>What the listening silo says to a connecting one.</summary>
internal enum GreetingAnswer : byte
{
    Welcome = 0,

    /// <summary>Another cluster or service.</summary>
    WrongCluster = 1,

    /// <summary>The silo that is asked for is not here: another generation has its endpoint.</summary>
    WrongSilo = 2,

    /// <summary>The connecting silo has been declared dead.</summary>
    YouAreDead = 3,
}
