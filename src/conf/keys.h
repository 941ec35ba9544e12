/*
 * The table of the keys of the service and of its profiles, over struct
 * settings.
 */
#ifndef CF_CONF_KEYS_H
#define CF_CONF_KEYS_H

#include "conf/conf.h"
#include "conf/settings.h"

/* conf_key.scope: whether each profile may set the key, and whether the key
 * decides what pictures look like or say. */
enum settings_scope {
	SETTINGS_OF_SERVICE,
	SETTINGS_OF_PROFILE,
	SETTINGS_OF_PICTURE,
};

extern const struct conf_table settings_table;

#endif
