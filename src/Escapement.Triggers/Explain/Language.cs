namespace Escapement.Triggers;

/// <summary>The language of sentences for people.</summary>
public enum Language
{
    /// <summary>English, also for every unknown language.</summary>
    English,

    /// <summary>Chinese, simplified.</summary>
    Chinese,
}
