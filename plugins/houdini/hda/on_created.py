kwargs["node"].setUserData("nodeshape", "cloud")
