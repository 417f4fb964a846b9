namespace Escapement.Triggers;

/// <summary>A language in which sentences for people are made.</summary>
public enum Language
{
    /// <summary>English, also for every language that is not known.</summary>
    English,

    /// <summary>Chinese, simplified.</summary>
    Chinese,
}
