/* SPDX-License-Identifier: GPL-3.0-or-later
 * weight.h - what air and fluids do to weights and pressures: buoyancy, conventional mass, hydrostatic head.
 *
 * A balance compares forces.  Two bodies that balance in air have m (1 - rho_a / rho) in common.  Conventional mass
 * (OIML D 28:2004): that of a reference of 8000 kg/m3 which the body balances in air of 1.2 kg/m3, at 20 degC.
 * NAN where a body would float: its density must be above that of the air, and that 0 or more. */
#ifndef WEIGHT_H
#define WEIGHT_H

#include "hyper.h"

#define CONVENTIONAL_AIR     1.2         /* kg m-3 */
#define CONVENTIONAL_DENSITY 8000.0      /* kg m-3 */

/* self is not used. */
struct hyper buoyancy(const void *self, const struct hyper x[3]);       /* air, reference, item: m_item / m_reference */
struct hyper conventional_mass(const void *self, const struct hyper x[2]);       /* mass, density */
struct hyper true_mass(const void *self, const struct hyper x[2]);               /* conventional mass, density */

/* (fluid - air) g h: what a column of so much height adds to a pressure, or takes away where the height is negative. */
struct hyper hydrostatic_head(const void *self, const struct hyper x[4]);

#endif
